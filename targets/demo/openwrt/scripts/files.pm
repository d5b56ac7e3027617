# SPDX-License-Identifier: GPL-2.0-or-later
package files;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(slurp spill);

# The bytes of a file, '' if there is none.
sub slurp {
	open my $in, '<', $_[0] or return '';
	local $/;
	return scalar(<$in>) // '';
}

# Writes a file beside its place and renames it into it. What is no file, as /dev/null, stays what it is.
sub spill {
	my ($file, $text) = @_;
	my $part = -e $file && !-f $file ? $file : "$file.$$";
	open my $out, '>', $part or die "$part: $!\n";
	print $out $text;
	close $out or die "$part: $!\n";
	$part eq $file or rename $part, $file or die "$file: $!\n";
}

1;
