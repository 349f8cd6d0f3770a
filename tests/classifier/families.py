"""A small member of each family of the catalogue, with the smallest images that it takes."""

FAMILIES = [
    ("small_cnn", 32), ("efficientnet_lite0", 32), ("alexnet", 64), ("vgg11", 32), ("resnet18", 32), ("squeezenet1_1", 64),
    ("densenet121", 32), ("mobilenet_v2", 32), ("mobilenet_v3_small", 32), ("efficientnet_b0", 32), ("mnasnet0_5", 32),
    ("shufflenet_v2_x0_5", 32),
    ("regnet_y_400mf", 32), ("convnext_tiny", 32), ("googlenet", 64), ("inception_v3", 75), ("vit_b_32", 224), ("swin_t", 224),
    ("maxvit_t", 224),
]  # fmt: skip
