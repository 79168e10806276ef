"""Files as they should not be, made by functions, each with what its door says of it.

Importing a module of this package adds its files to `case.CASES`.
"""
