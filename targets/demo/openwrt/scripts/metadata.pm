# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads what scripts/scan wrote: one record a package, as OpenWrt's tmp/.packageinfo and feeds/NAME.index have them.
package metadata;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(read_packageinfo requirement);

my %list_of = map { $_ => 1 } qw(Depends Menu-Depends Conflicts Provides Build-Depends Debs);

# {package => {name => record}, provider => {name => [records]}, source => {name => source}, sources => [in order]}
# A source is {name, makefile, dir, packages, debs}: a folder with a makefile, named by the folder.
sub read_packageinfo {
	my $file = shift;
	my $info = {package => {}, provider => {}, source => {}, sources => []};
	my ($source, $package, $text);
	open my $in, '<', $file or return $info;
	while (my $line = <$in>) {
		chomp $line;
		if ($line eq '@@') { undef $text; next }
		if ($text) { $package->{$text} .= "$line\n"; next }
		my ($key, $value) = $line =~ /^([\w\/-]+):\s*(.*?)\s*$/ or next;
		if ($key eq 'Source-Makefile') {
			(my $dir = $value) =~ s{/Makefile$}{};
			(my $name = $dir) =~ s{.*/}{};
			$source = {name => $name, makefile => $value, dir => $dir, packages => [], 'Build-Depends' => [], Debs => []};
			$info->{source}{$name} = $source;
			push @{$info->{sources}}, $source;
		} elsif ($key eq 'Package') {
			$package = {name => $value, source => $source, Config => '', map { $_ => [] } qw(Depends Menu-Depends Conflicts Provides)};
			$info->{package}{$value} = $package;
			push @{$source->{packages}}, $package;
			push @{$info->{provider}{$value}}, $package;
		} elsif ($key eq 'Build-Depends' or $key eq 'Debs') {
			push @{$source->{$key}}, split ' ', $value;
		} elsif ($key eq 'Description' or $key eq 'Config') {
			($text, $package->{$key}) = ($key, $key eq 'Description' ? "$value\n" : '');
		} else {
			$package->{$key} = $list_of{$key} ? [split ' ', $value] : $value;
			push @{$info->{provider}{$_}}, $package for $key eq 'Provides' ? grep { $_ ne $package->{name} } @{$package->{$key}} : ();
		}
	}
	return $info;
}

# One word of DEPENDS: `+a` selects, `a` needs, `@A` needs a symbol, `C:` makes it conditional.
sub requirement {
	my ($flags, $condition, $name) = $_[0] =~ /^([+@]*)(?:(.+):)?(.+)$/;
	return {select => scalar($flags =~ /\+/), symbol => scalar($flags =~ /@/), condition => $condition, name => $name};
}

1;
