"""Authorization in Flask applications, with the names of the ``flask_oso`` package.

    from arctos.flask import FlaskArctos, authorize

    az = FlaskArctos(arctos, app)     # or az.init_app(app)
    az.require_authorization()

    @app.get("/repositories/<name>")
    def show(name):
        repository = find(name)
        az.authorize(repository, action="read")
        return {"name": repository.name}

Needs Flask 2.3 or later: ``pip install "arctos[flask]"``.
"""

from arctos.flask.decorators import authorize, skip_authorization
from arctos.flask.oso import FlaskArctos, FlaskOso

__all__ = ["FlaskArctos", "FlaskOso", "authorize", "skip_authorization"]
