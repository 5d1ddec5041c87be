"""`python -m llmmon`."""

from llmmon.start import main

main()
