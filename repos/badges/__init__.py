"""Badges and chart images for READMEs.

GitHub shows an image of a README through a proxy and as a picture: no script runs, nothing outside
is loaded, and the reader's fonts count. The colours are the image's own, because a picture does not
know whether the page around it is light or dark.
"""
