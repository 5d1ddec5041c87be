"""What is wrong with unit tests of rules."""
