"""From texts to findings, a plan and repaired texts: pure."""
