"""One file a rule; `every` has them all, and imports them: what needs none of them does not pay for it."""
