"""A prefix cache that stands alone: which KV blocks are kept, for whom, and in what order they go."""
