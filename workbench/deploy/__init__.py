"""The front door: nginx with TLS, a login, roles, and the tokens that go with them. See ``deploy/nginx/README.md``."""
