"""Marks that persons give, typed into a workbook or by command, and what becomes of them."""
