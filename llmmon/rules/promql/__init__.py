"""What is wrong with an expression wherever it stands."""
