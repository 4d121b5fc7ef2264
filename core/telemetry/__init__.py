"""What the product says of itself: metrics in Prometheus text, JSON logs in ECS, health."""
