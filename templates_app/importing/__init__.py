"""Messages that were made elsewhere: pasted or uploaded as HTML, as a ZIP with its pictures, or as MJML.

`sources` makes text and files of what was given (`encoding`, `archive`, `mjml`), `taking` makes a template of it
(`embedded`, `foreign`, `picture_places`), `copying` brings pictures from other servers into the library.
"""
