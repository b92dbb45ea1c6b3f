"""Where pictures are shown: a Python-Markdown extension, and a thin MkDocs plugin on top of it."""
