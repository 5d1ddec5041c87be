"""What is wrong with an expression on a dashboard."""
