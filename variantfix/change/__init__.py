"""What a project is changed into on demand: variants added, renamed, made the default. Pure, text in and text out."""
