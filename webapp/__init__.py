"""The web: Django pages, REST and sockets. Never imports torch, torchvision or worker."""
