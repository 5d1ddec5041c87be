"""What is wrong with a group of rules, or with the order of its rules."""
