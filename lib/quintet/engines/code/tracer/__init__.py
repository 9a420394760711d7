"""What runs inside the interpreter of the project under test, copied there as a package.

It imports nothing of this program, and nothing of this program imports it.
"""
