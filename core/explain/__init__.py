"""What is so, why it matters, how to fix it, where that is known from: for findings, fields, settings, steps, words."""
