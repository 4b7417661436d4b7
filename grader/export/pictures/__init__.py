"""Drawings for the pages, as inline SVG without script or request. One file a kind; colours come from the style sheet.

Every drawing has a title and a description in words, and says nothing by colour alone.
"""
