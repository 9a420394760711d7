"""The terminal face of quintet: parse, call, render, exit."""
