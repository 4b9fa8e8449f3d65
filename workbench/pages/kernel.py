"""A page's kernel: Python's, with a bound on its memory. ``python -m workbench.pages.kernel -f CONNECTION_FILE``.

Its visitor can make it grow, by widgets without end; the bound keeps that from being everybody's trouble.
"""

import contextlib

MOST_BYTES = 1 << 30


def main() -> None:
    with contextlib.suppress(ImportError):  # Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
