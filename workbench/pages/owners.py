"""Which kernel is whose, and how many anybody may have."""

from dataclasses import dataclass, field


class FullError(Exception):
    """No more kernels for now; the text is for the person who wanted one."""


@dataclass
class Owners:
    """Kernel id -> owner. A kernel without an owner is nobody's: it answers no one.

    Attributes:
        starting: owner -> kernels on the way, so that two requests at once do not pass the limit together.
    """

    per_person: int
    in_all: int
    by_kernel: dict[str, str] = field(default_factory=dict)
    starting: dict[str, int] = field(default_factory=dict)

    def owns(self, owner: str, kernel_id: str) -> bool:
        return self.by_kernel.get(kernel_id) == owner

    def reserve(self, owner: str) -> None:
        """A place for one more kernel; to be followed by :meth:`claim` or :meth:`release`.

        Raises:
            FullError: the person, or the server, has as many as allowed.
        """
        own = self.starting.get(owner, 0) + sum(1 for each in self.by_kernel.values() if each == owner)
        if own >= self.per_person:
            raise FullError(
                f"You have {own} pages open, as many as one person may. Close one, wait a minute, and reload."
            )
        total = sum(self.starting.values()) + len(self.by_kernel)
        if total >= self.in_all:
            raise FullError(f"{total} pages are open, as many as this server takes. Try again in a few minutes.")
        self.starting[owner] = self.starting.get(owner, 0) + 1

    def release(self, owner: str) -> None:
        self.starting[owner] -= 1
        if self.starting[owner] <= 0:
            del self.starting[owner]

    def claim(self, owner: str, kernel_id: str) -> None:
        """From now on the kernel is this person's, for good.

        Raises:
            RuntimeError: it was somebody's already.
        """
        if kernel_id in self.by_kernel:
            raise RuntimeError("a kernel is handed over once")
        self.by_kernel[kernel_id] = owner

    def forget(self, kernel_id: str) -> None:
        self.by_kernel.pop(kernel_id, None)
