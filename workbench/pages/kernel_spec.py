"""The one kind of kernel there is: this Python, without history."""

import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

NAME = "python3"


class OwnKernelSpec(KernelSpecManager):
    """What the machine has installed besides does not count."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != NAME:
            raise NoSuchKernel(kernel_name)
        words = [sys.executable, "-m", "workbench.pages.kernel", "-f", "{connection_file}"]
        return KernelSpec(
            argv=[*words, "--HistoryManager.enabled=False", "--IPKernelApp.log_level=ERROR"],
            display_name="Python 3",
            language="python",
            name=NAME,
        )

    def find_kernel_specs(self) -> dict[str, str]:
        return {NAME: ""}

    def get_all_specs(self) -> dict[str, Any]:
        return {NAME: {"resource_dir": "", "spec": self.get_kernel_spec(NAME).to_dict()}}
