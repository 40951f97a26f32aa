"""The edits that rules compose."""
