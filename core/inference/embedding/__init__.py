"""Texts to vectors of meaning: one model in one process, on onnxruntime or torch."""

from core.inference.embedding.embedder import EmbeddingModel, SentenceEmbedder

__all__ = ["EmbeddingModel", "SentenceEmbedder"]
