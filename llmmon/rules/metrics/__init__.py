"""What is wrong with the declaration of a metric."""
