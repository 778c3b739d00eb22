"""The routes. Each one finds its resource, asks for permission, and only then acts."""
