"""Many repositories: where they come from, what is done to each, and a journal of it all.

`sources` makes units of work, `work` does one, `run` keeps `lanes` of workers busy and writes what they send back
into the `journal`; patches, the review page and the other views are made from the journal alone.
"""
