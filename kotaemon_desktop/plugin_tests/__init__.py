"""Tries the plugins of a package: ``python -m kotaemon_desktop.plugin_tests NAME``, which needs pytest.

``NAME`` is a package's name, or that of one of its plugins. ``--sample FILE`` gives a reader a file to read, and
``--question TEXT`` routes and tools a question that is their business; any other option is pytest's.
"""
