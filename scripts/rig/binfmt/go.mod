module binfmt

go 1.24
