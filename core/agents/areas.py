"""The business areas, in the order in which they are offered."""

from __future__ import annotations

AREAS = (
    "marketing",
    "sales",
    "operations",
    "hr",
    "finance",
    "legal",
    "technical",
    "content",
    "strategy",
    "customer_service",
    "product_development",
    "compliance",
)
