"""What is wrong with a dashboard."""
