"""The mathematics behind the lemmas that certificates name, as Markdown files."""
