"""`python -m ccm_flow` is `ccm`."""

from ccm_flow.cli.main import run

if __name__ == "__main__":
    run()
