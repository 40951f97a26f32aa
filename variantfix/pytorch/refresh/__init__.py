"""`python -m variantfix.pytorch.refresh`: the tables made anew from what the indexes carry, and their difference.

What could not be fetched changes nothing. What an index no longer lists stays, with the day on which that was seen.
"""
