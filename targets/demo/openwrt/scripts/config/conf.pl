#!/usr/bin/env perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a whole configuration of a part of one, without asking: what is not declared, or cannot be had, is dropped in silence,
# as OpenWrt's own `conf` does it.
#
#   conf.pl [--defconfig=FILE] [-w OUTPUT] Config.in      read FILE (.config), write OUTPUT (.config)
#   conf.pl --olddefconfig Config.in                      the same on .config
#   conf.pl --savedefconfig=OUTPUT Config.in              of .config, only what differs from the defaults
#
# KCONFIG_WARN_UNKNOWN_SYMBOLS=1 names what is not declared; KCONFIG_WERROR=1 makes a warning an error.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/..";
use Kconfig;
use files;

my ($input, $output, $minimal) = ('.config', '.config');
while (@ARGV > 1) {
	my $option = shift;
	if ($option =~ /^--defconfig=(.*)$/) { $input = $1 }
	elsif ($option eq '-w') { $output = shift }
	elsif ($option =~ /^--savedefconfig=(.*)$/) { ($minimal, $output) = (1, $1) }
	elsif ($option ne '--olddefconfig') { die "conf.pl: unknown option $option\n" }
}

my $kconfig = Kconfig->new;
$kconfig->read(shift // 'Config.in');
$kconfig->link_selects;
my $warnings = wishes($input);
exit 2 if $warnings and $ENV{KCONFIG_WERROR};
my @lines = $minimal ? difference() : everything();
spill($output, join '', @lines);
print "#\n# configuration written to $output\n#\n" unless $minimal;

# Reads what is asked for into the symbols; returns how many lines made no sense.
sub wishes {
	my $file = shift;
	my $warned = 0;
	open my $in, '<', $file or die "***\n*** Can't find default configuration \"$file\"!\n***\n";
	while (my $line = <$in>) {
		chomp $line;
		$line =~ s/\r$//;
		my ($name, $value) = $line =~ /^CONFIG_([^=\s]+)=(.*)$/ ? ($1, $2) : $line =~ /^# CONFIG_(\S+) is not set/ ? ($1, 'n') : next;
		my $symbol = $kconfig->{symbol}{$name};
		if (not $symbol) {
			next unless $ENV{KCONFIG_WARN_UNKNOWN_SYMBOLS};
			warn "$file:$.:warning: unknown symbol: $name\n";
		} elsif (defined(my $wish = accepted($symbol->{type} // 'bool', $value))) {
			@{$symbol}{qw(wish wished_at)} = ($wish, $.);
			next;
		} else {
			warn "$file:$.:warning: symbol value '$value' invalid for $name\n";
		}
		$warned++;
	}
	return $warned;
}

sub accepted {
	my ($type, $value) = @_;
	return $value =~ /^[yn]$/ ? $value : undef if $type eq 'bool';
	return $value =~ /^[ymn]$/ ? $value : undef if $type eq 'tristate';
	return $value =~ /^-?\d+$/ ? $value : undef if $type eq 'int';
	return $value =~ /^(?:0x)?[0-9a-fA-F]+$/ ? $value : undef if $type eq 'hex';
	return undef unless $value =~ /^"((?:[^"\\]|\\.)*)"/ or $value =~ /^([^"]*)$/;
	(my $plain = $1) =~ s/\\(.)/$1/g;
	return $plain;
}

sub assignment {
	my ($symbol, $value) = @_;
	my ($type, $name) = ($symbol->{type} // 'bool', $symbol->{name});
	if ($type eq 'string') { $value =~ s/(["\\])/\\$1/g; return "CONFIG_$name=\"$value\"\n" }
	return $type =~ /^(bool|tristate)$/ && $value eq 'n' ? "# CONFIG_$name is not set\n" : "CONFIG_$name=$value\n";
}

sub everything {
	my @text = ("#\n# Automatically generated file; DO NOT EDIT.\n# cloudwrt demo Configuration\n#\n");
	my @open;    # menus that have begun but shown nothing yet
	for my $entry (@{$kconfig->{order}}) {
		my ($kind, $what) = @$entry;
		if ($kind eq 'menu') {
			push @open, [$what, 0];
		} elsif ($kind eq 'end') {
			push @text, "# end of $what\n" if (pop @open)->[1];
		} else {
			my $symbol = $kconfig->{symbol}{$what};
			my $value = $kconfig->value($what);
			next unless $symbol->{written};
			for my $menu (grep { !$_->[1] } @open) {
				push @text, "\n#\n# $menu->[0]\n#\n";
				$menu->[1] = 1;
			}
			push @text, assignment($symbol, $value);
		}
	}
	return @text;
}

# A symbol is needed if, without its own wish, the others' wishes would give it another value.
sub difference {
	my @text;
	for my $entry (@{$kconfig->{order}}) {
		my ($kind, $name) = @$entry;
		next unless $kind eq 'symbol';
		my $symbol = $kconfig->{symbol}{$name};
		next unless defined $symbol->{wish} and $kconfig->visible($symbol);
		my $value = $kconfig->value($name);
		next if $symbol->{choice} and $value eq 'n';
		my $wish = delete $symbol->{wish};
		$kconfig->forget;
		push @text, assignment($symbol, $value) if $kconfig->value($name) ne $value;
		$symbol->{wish} = $wish;
		$kconfig->forget;
	}
	return @text;
}
