"""What a file holds: its bytes become text, its text plain values, and a way of keys a line and a column."""
