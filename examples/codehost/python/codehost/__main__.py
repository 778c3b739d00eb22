"""`python -m codehost`: the service with its sample data."""

import argparse

import uvicorn

from .app import Settings, create_app


def main() -> None:
    arguments = argparse.ArgumentParser(prog="codehost", description=__doc__)
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--database", default="codehost.db", metavar="FILE")
    arguments.add_argument("--explain", action="store_true", help="name the deciding rules in X-Arctos-Rule")
    chosen = arguments.parse_args()
    settings = Settings(database=f"sqlite:///{chosen.database}", explain=chosen.explain, seed=True)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=chosen.port, log_level="info")


if __name__ == "__main__":
    main()
