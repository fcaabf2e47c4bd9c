"""The wizard in the terminal. Imports ``core``, never the other way; a screen is a form, and decides nothing."""
