"""The doors: api, console, portal, importers and cli."""
