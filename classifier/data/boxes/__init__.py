"""Single files that hold many images: MNIST's idx files, and CIFAR's batches. Reading order: box, idx, pickles, cifar, unfold, layout."""
