"""The few things that screens are made of: lines, fields, and the frame's own lines."""
