"""Single files that hold many images: MNIST's idx files, CIFAR's batches, STL-10's and SVHN's files. Reading order: box, idx, pickles,
cifar, stl, svhn, unfold, layout.
"""
