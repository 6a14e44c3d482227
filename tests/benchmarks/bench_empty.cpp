// SPDX-License-Identifier: GPL-3.0-or-later
// An empty program linked to LibTorch.
int main()
{
    return 0;
}
