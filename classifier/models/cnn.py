"""Our own small network for small pictures, trained from scratch in seconds on a processor."""

from __future__ import annotations

from torch import Tensor, nn


def conv_block(channels_in: int, channels_out: int) -> nn.Sequential:
    """3×3 convolution, batch norm, ReLU; the convolution needs no bias before a norm."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class SmallCNN(nn.Module):
    """Five 3×3 convolutions of 32, 64, 64, 128 and 128 channels, pooled by two after the first, third and fourth.

    Pooled early, because at full size a convolution costs the most and learns the least; then the mean and a linear head.
    Takes float [N, 3, H, W] with H and W of at least 8, gives logits [N, classes].
    """

    def __init__(self, classes: int, width: int = 32, dropout: float = 0.1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            conv_block(3, width),
            nn.MaxPool2d(2),
            conv_block(width, 2 * width),
            conv_block(2 * width, 2 * width),
            nn.MaxPool2d(2),
            conv_block(2 * width, 4 * width),
            nn.MaxPool2d(2),
            conv_block(4 * width, 4 * width),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(4 * width, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [N, classes] of images [N, 3, H, W]."""
        logits: Tensor = self.head(self.dropout(self.features(images)))
        return logits


def small_cnn(classes: int = 1000) -> SmallCNN:
    """The `small_cnn` of the catalogue."""
    return SmallCNN(classes)
