"""What is wrong with an alerting rule."""
