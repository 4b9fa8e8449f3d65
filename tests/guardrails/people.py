"""Who acts in these tests."""

from workbench.guardrails.principal import Principal, Role

ADA = Principal("ada", Role.ADMIN, "127.0.0.1")
BEA = Principal("bea", Role.ADMIN, "127.0.0.2")
RON = Principal("ron", Role.RESEARCHER, "127.0.0.3")
VIV = Principal("viv", Role.VIEWER)
