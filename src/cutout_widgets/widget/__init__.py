"""The notebook widget: a paged, clickable grid of cutouts.

::

    protocol    what crosses to the browser: the only definition
    grid        CutoutGrid, the widget: traits, messages, the Python face
    pages       which rows make a page; reads and stretches them
    tiles       one source -> what a tile shows
    inspector   one source -> everything known about it
"""
