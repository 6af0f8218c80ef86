"""The tests; a package of their own, because some dependencies install a `tests` too."""
