"""What Terraform deploys, for tests that compare with it."""

from tests.terraform.conftest import tables

__all__ = ["tables"]
